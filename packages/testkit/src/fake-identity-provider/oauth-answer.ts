/** What an endpoint for programs answers: a status, and JSON as RFC 6749 section 5 has it. */
export interface OAuthAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string | number>>;
}

/** Source: RFC 6749 section 5.2, RFC 8628 section 3.5. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token';

export class OAuthRefusal extends Error {
  readonly code: OAuthErrorCode;

  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.name = 'OAuthRefusal';
    this.code = code;
  }

  toAnswer(): OAuthAnswer {
    return {
      status: this.code === 'invalid_client' ? 401 : 400,
      body: { error: this.code, error_description: this.message },
    };
  }
}

/** The value of a parameter that has to be there. A parameter that is there twice, or empty, is as good as none (RFC 6749 section 3.2). */
export function required(form: URLSearchParams, name: string): string {
  const value = optional(form, name);
  if (value === undefined) throw new OAuthRefusal('invalid_request', `The parameter ${name} is missing.`);
  return value;
}

export function optional(form: URLSearchParams, name: string): string | undefined {
  const values = form.getAll(name);
  if (values.length > 1) throw new OAuthRefusal('invalid_request', `The parameter ${name} is there more than once.`);
  return values[0] === '' ? undefined : values[0];
}
