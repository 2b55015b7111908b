/** The fields without those that are `undefined`. */
export type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Drops what is `undefined`: an absent field is a missing property. */
export function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const kept: Defined<Fields> = {};
  for (const name in fields) {
    const value = fields[name];
    if (isDefined(value)) kept[name] = value;
  }
  return kept;
}

const isDefined = <Value>(value: Value): value is Exclude<Value, undefined> => value !== undefined;
