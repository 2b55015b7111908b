export type ConstraintKind = 'unique' | 'foreign-key' | 'other';

/** A row broke a rule of the schema. The repositories turn it into what the caller may hear. */
export class ConstraintError extends Error {
  readonly constraint: ConstraintKind;

  constructor(constraint: ConstraintKind, cause: unknown) {
    super(`The row breaks a ${constraint} rule of the schema.`, { cause });
    this.name = 'ConstraintError';
    this.constraint = constraint;
  }
}
