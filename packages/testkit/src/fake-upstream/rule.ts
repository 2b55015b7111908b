import type { JsonObject } from '../json.ts';
import type { RequestHead } from './recorded-request.ts';
import type { Shape } from './shape.ts';

/** What a real service would have refused. */
export interface Finding {
  /** Stable: `an.max_tokens`, `cc.tool-result-missing`. */
  readonly rule: string;
  /** Where the fact stands: a section of protocols.md. */
  readonly source: string;
  readonly message: string;
  /** Path of the field inside the body, as the dialect writes it. */
  readonly field?: string;
}

/** One field of an object, as the service reads it. */
export interface FieldRow {
  readonly field: string;
  readonly shape: Shape;
  readonly isRequired?: boolean;
  readonly source: string;
}

/** What a rule may look at besides the body. */
export interface RuleContext {
  readonly head: RequestHead;
  /** What this fake handed out before: signatures, encrypted reasoning, stored responses. */
  readonly memory: UpstreamMemory;
}

export interface UpstreamMemory {
  /** Signatures and encrypted reasoning this fake issued, with the content each one signs; empty: it signs any. */
  readonly signatures: Map<string, string>;
  /** Whether a signature it did not issue is refused, as the real services do. */
  readonly checksSignatures: boolean;
  /** Stored Responses by id: the answer and the items that led to it. */
  readonly responses: Map<string, StoredResponse>;
}

export interface StoredResponse {
  readonly response: JsonObject;
  readonly input: readonly unknown[];
  readonly isBackground: boolean;
}

/** One rule over a whole body. Says what is wrong, once or several times, or nothing. */
export interface Rule {
  readonly id: string;
  readonly source: string;
  find(body: JsonObject, context: RuleContext): string | readonly string[] | undefined;
}

export interface FieldCheck {
  /** Prefix of rule ids, for example `an`. */
  readonly dialect: string;
  /** Path of the object inside the body; empty at the top. */
  readonly at: string;
  readonly rows: readonly FieldRow[];
  /** How the service words an unknown field; absent allows unknown ones. */
  readonly refuseUnknown?: { readonly source: string; readonly say: (field: string) => string };
  /** Whether `null` says the same as an absent field. */
  readonly isNullAbsent?: true;
  /** How the service spells the field a row names; absent: as it stands. */
  readonly read?: (object: JsonObject, field: string) => unknown;
  /** The row's name for a field as it was sent; absent: as it stands. */
  readonly canonical?: (field: string) => string;
}

/** Checks one object against its table of fields. */
export function checkFields(object: JsonObject, check: FieldCheck): readonly Finding[] {
  const findings: Finding[] = [];
  const path = (field: string) => (check.at === '' ? field : `${check.at}.${field}`);
  const read = check.read ?? ((source: JsonObject, field: string) => source[field]);
  for (const row of check.rows) {
    const value = read(object, row.field);
    const field = path(row.field);
    const rule = `${check.dialect}.${row.field}`;
    if (value === undefined || (value === null && check.isNullAbsent === true)) {
      if (row.isRequired === true)
        findings.push({ rule, source: row.source, field, message: `${field}: Field required` });
      continue;
    }
    const expected = row.shape(value);
    if (expected !== undefined) {
      findings.push({ rule, source: row.source, field, message: `${field}: Input should be ${expected}` });
    }
  }
  if (check.refuseUnknown !== undefined) {
    const known = new Set(check.rows.map((row) => row.field));
    for (const sent of Object.keys(object)) {
      if (known.has(check.canonical?.(sent) ?? sent)) continue;
      findings.push({
        rule: `${check.dialect}.unknown-field`,
        source: check.refuseUnknown.source,
        field: path(sent),
        message: check.refuseUnknown.say(path(sent)),
      });
    }
  }
  return findings;
}

/** Applies every rule of a table. */
export function applyRules(body: JsonObject, rules: readonly Rule[], context: RuleContext): readonly Finding[] {
  return rules.flatMap((rule) => {
    const found = rule.find(body, context);
    if (found === undefined) return [];
    const messages = typeof found === 'string' ? [found] : found;
    return messages.map((message) => ({ rule: rule.id, source: rule.source, message }));
  });
}
