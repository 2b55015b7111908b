/** One thing the doctor looked at. */
export interface DoctorCheck {
  /** Stable and snake_case, for example `master_key`. */
  readonly name: string;
  readonly level: 'ok' | 'warning' | 'fault';
  /** What was found, and what to do where something is wrong. */
  readonly message: string;
}

export const ok = (name: string, message: string): DoctorCheck => ({ name, level: 'ok', message });
export const warning = (name: string, message: string): DoctorCheck => ({ name, level: 'warning', message });
export const fault = (name: string, message: string): DoctorCheck => ({ name, level: 'fault', message });

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
