import { request } from 'node:http';
import { findFreePort } from '../process/find-free-port.ts';
import { pollUntil } from '../process/poll-until.ts';
import { createMeasure } from '../report/measure.ts';
import type { ProxyCast } from '../targets/proxycast.ts';
import { PROXYCAST } from '../targets/target.ts';
import type { Cell } from './cell.ts';

const STARTS = 7;
const QUICK_STARTS = 3;
const START_MS = 30_000;
const ECHO_MODEL = 'proxycast-echo';

export const COLD_START: Cell = {
  name: 'cold-start',
  title: `built server, migrated home: from spawning it to the answer of /health, and of model ${ECHO_MODEL}`,
  bars: [{ metric: 'start_to_answer_ms', limit: 600 }],
  async run({ proxycast, isQuick, slices }) {
    if (proxycast === undefined) return [];
    const home = proxycast.makeHome();
    // The first start migrates, makes keys and is not counted.
    await timeStart(proxycast, home);
    const starts = [];
    for (let start = 0; start < (slices ?? (isQuick ? QUICK_STARTS : STARTS)); start += 1) {
      starts.push(await timeStart(proxycast, home));
    }
    return [
      createMeasure(
        PROXYCAST,
        'start_to_health_ms',
        starts.map(({ healthMs }) => healthMs),
      ),
      createMeasure(
        PROXYCAST,
        'start_to_answer_ms',
        starts.map(({ answerMs }) => answerMs),
      ),
    ];
  },
};

async function timeStart(proxycast: ProxyCast, home: string): Promise<{ healthMs: number; answerMs: number }> {
  const port = await findFreePort();
  const body = JSON.stringify({ model: ECHO_MODEL, messages: [{ role: 'user', content: 'hello' }] });
  const headers = { ...proxycast.clientHeaders, 'content-type': 'application/json' };
  const startedAt = performance.now();
  const started = proxycast.spawn(home, port);
  const timeAnswer = async (path: string, sent?: string): Promise<number> => {
    await pollUntil(
      async () => {
        if (started.child.exitCode !== null) throw new Error(`ProxyCast ended by itself:\n${started.output()}`);
        return (await isAnswered(port, path, headers, sent)) ? true : undefined;
      },
      { intervalMs: 2, timeoutMs: START_MS, failure: `ProxyCast does not answer ${path}:\n${started.output()}` },
    );
    return performance.now() - startedAt;
  };
  try {
    const [healthMs, answerMs] = await Promise.all([timeAnswer('/health'), timeAnswer('/v1/chat/completions', body)]);
    return { healthMs, answerMs };
  } finally {
    await started.stop();
  }
}

/** Through with a 200, its body read to the end. */
function isAnswered(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Promise<boolean> {
  return new Promise((resolve) => {
    const method = body === undefined ? 'GET' : 'POST';
    const call = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    call.on('error', () => resolve(false));
    call.end(body);
  });
}
