import { UpstreamError } from '@proxycast/spec';
import { isObject, parseJson } from '../../json.ts';
import type { ConformanceDialect } from '../conformance-dialect.ts';
import { createStreamConversion } from '../convert-answer.ts';
import { faultOfCut } from '../cut-stream.ts';
import { endingOf } from '../stream-ending.ts';
import type { Capability, CapabilityGroup } from './capability.ts';
import { fault, type Outcome, PASS, worstOf } from './outcome.ts';
import { writeAnswer } from './written-answer.ts';

const HEAD = {
  index: 0,
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers: {},
  rawHeaders: [],
  arrivedAtMs: 0,
};

/** A refusal before the first byte, as the service writes it and the client reads it. */
const refused = (title: string, status: number, expected: readonly number[], message?: string): Capability => ({
  title,
  look(client, upstream) {
    const written = upstream.strict.writeError(
      { status, ...(message === undefined ? {} : { message }), retryAfterSeconds: 7 },
      HEAD,
    );
    const decoded = upstream.protocol.decodeError(written.status, (name) => written.headers[name], written.body);
    if (decoded === undefined) return fault('the error is not read');
    const rendered = client.protocol.renderError(
      new UpstreamError({ ...decoded, upstreamStatus: written.status }),
      'req_1',
    );
    const body = parseJson(rendered.body);
    if (!isObject(body) || !isObject(body.error))
      return fault(`no error of the dialect: ${rendered.body.slice(0, 80)}`);
    return expected.includes(rendered.status) ? PASS : fault(`status ${rendered.status}`);
  },
});

const MESSAGE = { thinking: 'Think.', text: 'One two three four.', calls: [{ name: 'list', input: { a: 1 } }] };

/** The stream is cut after each of its frames. */
function lookAtCuts(client: ConformanceDialect, upstream: ConformanceDialect): Outcome {
  const { frames } = writeAnswer(upstream, MESSAGE);
  const way = { from: upstream, to: client };
  return worstOf(
    frames.map((_, place) => {
      const found = faultOfCut(way, frames.slice(0, place));
      return found === undefined ? PASS : fault(`after ${place} frames: ${found}`);
    }),
  );
}

/** The service tells of an error after the first byte. */
function lookAtLateError(client: ConformanceDialect, upstream: ConformanceDialect): Outcome {
  const { frames } = writeAnswer(upstream, MESSAGE);
  const conversion = createStreamConversion({ from: upstream, to: client });
  const failing = upstream.strict.writeStreamError({ status: 503 }, HEAD);
  const data =
    failing
      .split('\n')
      .find((line) => line.startsWith('data:'))
      ?.slice(5)
      .trim() ?? '';
  const text = conversion.push([...frames.slice(0, 3), { data }]) + conversion.end();
  const ending = endingOf(client.id, text);
  return ending === 'error' ? PASS : fault(`the stream ends ${ending}`);
}

const ROWS: readonly Capability[] = [
  refused('bad request', 400, [400]),
  refused('context too long', 400, [400], 'prompt is too long: 300000 tokens > 200000 maximum'),
  refused('rate limit', 429, [429]),
  refused('overloaded', 503, [503, 529]),
  refused('error of the service', 500, [500, 502]),
  { title: 'error after the first byte', look: lookAtLateError },
  { title: 'stream cut anywhere', look: lookAtCuts },
];

export const FAILURE_GROUPS: readonly CapabilityGroup[] = [{ title: 'Failures', capabilities: ROWS }];
