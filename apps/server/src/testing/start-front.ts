import { createServer, type IncomingHttpHeaders } from 'node:http';

export interface FrontRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface FrontAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Front extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly FrontRequest[];
}

/** A vendor's front door on loopback: whatever `answer` says of each request, and `answerForm` of each form. */
export async function startFront(
  answer: (request: FrontRequest) => FrontAnswer,
  answerForm: (form: URLSearchParams) => FrontAnswer = () => ({ status: 415, body: 'No forms here.' }),
): Promise<Front> {
  const requests: FrontRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
      const received: FrontRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: text === '' || isForm ? {} : JSON.parse(text),
      };
      requests.push(received);
      const said = isForm ? answerForm(new URLSearchParams(text)) : answer(received);
      const { status, body, contentType = 'application/json', headers = {} } = said;
      response.writeHead(status, { 'content-type': contentType, ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('No port.');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
