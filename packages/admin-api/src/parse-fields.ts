import { InvalidRequestError } from '@proxycast/spec';
import type { z } from 'zod';

const MAX_FAULTS = 10;

/** Throws InvalidRequestError that names every wrong field; no value of a field is in its message. */
export function parseFields<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap(faultsOf);
  const unknownField = faults.find((fault) => fault.isUnknownField);
  const first = unknownField ?? faults[0];
  throw new InvalidRequestError({
    code: unknownField === undefined ? 'invalid_request' : 'unknown_field',
    message: faults
      .slice(0, MAX_FAULTS)
      .map(({ field, text }) => (field === '' ? text : `${field}: ${text}`))
      .join(' '),
    ...(first === undefined || first.field === '' ? {} : { field: first.field }),
  });
}

interface FieldFault {
  readonly field: string;
  readonly text: string;
  readonly isUnknownField: boolean;
}

function faultsOf(issue: z.core.$ZodIssue): readonly FieldFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: renderField([...issue.path, key]),
      text: 'There is no such field.',
      isUnknownField: true,
    }));
  }
  const text = issue.message.endsWith('.') ? issue.message : `${issue.message}.`;
  return [{ field: renderField(issue.path), text, isUnknownField: false }];
}

function renderField(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).slice(0, 100)).join('.');
}
