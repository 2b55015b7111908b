import { DOCTOR_WORDS, type DoctorCode } from '@proxycast/console-api/doctor-words';

type Fields = Readonly<Record<string, string | number>>;

/** One thing the doctor looked at. */
export interface DoctorCheck {
  /** Stable and snake_case, for example `master_key`. */
  readonly name: string;
  readonly level: 'ok' | 'warning' | 'fault';
  /** What was found; with the fields it makes the message in any language. */
  readonly code: DoctorCode;
  readonly fields: Fields;
  /** In English: what was found, and what to do where something is wrong. */
  readonly message: string;
}

type Finding = (name: string, code: DoctorCode, fields?: Fields) => DoctorCheck;

const at =
  (level: DoctorCheck['level']): Finding =>
  (name, code, fields = {}) => ({
    name,
    level,
    code,
    fields,
    message: DOCTOR_WORDS[code].replace(/\{(\w+)\}/g, (whole, field: string) => String(fields[field] ?? whole)),
  });

export const ok = at('ok');
export const warning = at('warning');
export const fault = at('fault');

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
