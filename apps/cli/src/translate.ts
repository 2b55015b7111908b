import { DOCTOR_WORDS, type DoctorCode } from '@proxycast/console-api/doctor-words';
import doctorInChinese from './doctor-words.zh-CN.json' with { type: 'json' };
import faultsInChinese from './fault-words.zh-CN.json' with { type: 'json' };
import { isChinese } from './words.ts';

/** What the server says has a code and English words; here are the same in the person's language. */
export interface Translate {
  /** A finding of the doctor. `message` is the server's own, for a code this version does not know. */
  finding(code: string, fields: Readonly<Record<string, unknown>>, message: string): string;
  /** A refusal: what it means, and the server's own words, which name the thing. */
  fault(code: string, message: string): string;
}

export function createTranslate(environment: Readonly<Record<string, string | undefined>>): Translate {
  if (!isChinese(environment))
    return { finding: (_code, _fields, message) => message, fault: (_code, message) => message };
  const faults = new Map(Object.entries(faultsInChinese));
  return {
    finding: (code, fields, message) =>
      isDoctorCode(code)
        ? doctorInChinese[code].replace(/\{(\w+)\}/g, (whole, name: string) => String(fields[name] ?? whole))
        : message,
    fault(code, message) {
      const meaning = faults.get(code);
      if (meaning === undefined) return message;
      return message === '' ? meaning : `${meaning}\n（${message}）`;
    },
  };
}

function isDoctorCode(code: string): code is DoctorCode {
  return Object.hasOwn(DOCTOR_WORDS, code);
}
