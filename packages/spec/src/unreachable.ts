/** Closes a `switch` over a closed union: a new member fails to compile here. */
export function unreachable(value: never): never {
  throw new TypeError(`Unreachable value: ${JSON.stringify(value)}`);
}
