// The thread that converts large bodies.

import { parentPort } from 'node:worker_threads';
import { runConversionWorker } from '@proxycast/gateway/conversion-worker';
import { loadProtocols } from './protocols.ts';

if (parentPort === null) throw new TypeError('The conversion worker has to be started as a worker thread.');
runConversionWorker(parentPort, loadProtocols());
