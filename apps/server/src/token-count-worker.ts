// The thread that estimates tokens. Nothing of a tokenizer is loaded anywhere else.

import { parentPort, workerData } from 'node:worker_threads';
import { parseChatVariant } from '@proxycast/protocol-openai-chat';
import { runTokenCountWorker } from '@proxycast/token-count/worker';
import { loadProtocols } from './protocols.ts';

if (parentPort === null) throw new TypeError('The token count worker has to be started as a worker thread.');
const variants: readonly unknown[] = Array.isArray(workerData) ? workerData : [];
runTokenCountWorker(parentPort, loadProtocols(variants.map(parseChatVariant)).client);
