// The thread that converts large bodies.

import { parentPort, workerData } from 'node:worker_threads';
import { runConversionWorker } from '@proxycast/gateway/conversion-worker';
import { parseChatVariant } from '@proxycast/protocol-openai-chat';
import { loadProtocols } from './protocols.ts';

if (parentPort === null) throw new TypeError('The conversion worker has to be started as a worker thread.');
const variants: readonly unknown[] = Array.isArray(workerData) ? workerData : [];
runConversionWorker(parentPort, loadProtocols(variants.map(parseChatVariant)));
