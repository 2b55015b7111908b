import type { PlannedProvider } from '@proxycast/routing';
import type {
  AnswerKeeping,
  ClientKey,
  KeptContent,
  KeptResponse,
  Provider,
  ResponsesStore,
  UpstreamProtocol,
} from '@proxycast/spec';
import { ChunkedBytes } from '@proxycast/wire';
import type { OutputChoice } from './conversion/attempt-dialects.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { HeaderFilter } from './header-filter.ts';
import { BackgroundAnswers } from './keeping/background-answers.ts';
import { answerKept, findKept, KEPT_OPERATIONS, readAlong, sendJson } from './keeping/kept-routes.ts';
import { type RecalledRequest, recall } from './keeping/recall.ts';
import { warmUp } from './keeping/warm-up.ts';
import { AttemptRun } from './stages/attempt.ts';
import { beforePlugins } from './stages/before-plugins.ts';
import { type BufferBudget, holdMore } from './stages/buffer-budget.ts';
import { inject } from './stages/inject.ts';
import { type ClientRequest, type ReceivedRequest, readRequest, takesJson } from './stages/read-request.ts';
import { type Route, route } from './stages/route.ts';
import type { UpstreamPools } from './upstream/upstream-pools.ts';

export interface AnswerRequestParts {
  readonly parts: GatewayParts;
  readonly pools: UpstreamPools;
  readonly filterOf: (protocol: UpstreamProtocol) => HeaderFilter;
  readonly budget: BufferBudget;
  /** The dialect that a route names for its answers. */
  readonly outputNamed: (name: string) => OutputChoice | undefined;
  /** An exchange without a client of its own has begun. */
  readonly watch: (exchange: Exchange) => void;
}

/** What becomes of a request once its body is there. `releaseBody` gives its bytes back. Throws ProxyCastError. */
export type AnswerRequest = (exchange: Exchange, body: ChunkedBytes, releaseBody: () => void) => void;

const NO_CONTENT: KeptContent = { response: '{}', input: '', output: '' };

/** The stages from the body to the attempts, in order: read, route, inject, before-plugins, recall, attempt. */
export function createAnswerRequest(input: AnswerRequestParts): AnswerRequest {
  const { parts, pools, filterOf, budget, outputNamed, watch } = input;
  const background = new BackgroundAnswers();
  /** Services that were believed to keep answers, and said of one that they did not. */
  const forgetful = new WeakSet<Provider>();

  const plan = (exchange: Exchange, body: ChunkedBytes, releaseBody: () => void): void => {
    const { match, snapshot, clientKey, protocol } = exchange;
    const { endpoint } = match;
    if (protocol.keeping !== undefined && parts.keeping !== undefined && KEPT_OPERATIONS.has(endpoint.operation)) {
      answerNamed(exchange, protocol.keeping, parts.keeping.store, body, releaseBody);
      return;
    }
    const received = {
      endpoint,
      contentType: exchange.request.headers['content-type'] ?? '',
      isModelLimited: clientKey.allowedModels !== undefined,
      keeping: exchange.turns === undefined ? undefined : protocol.keeping,
      ...(match.parameter === undefined ? {} : { parameter: match.parameter }),
    };
    const request = readRequest({ ...received, body });
    const pinnedProvider = match.pinnedProvider ?? headerText(exchange.request.headers['x-proxycast-provider']);
    const planned = route(snapshot.routing, {
      model: request.model,
      operation: endpoint.operation,
      protocol: protocol.id,
      ...(pinnedProvider === undefined ? {} : { pinnedProvider }),
      clientKey,
    });
    if (planned.output !== undefined && exchange.outputChoice === undefined && endpoint.operation === 'chat') {
      exchange.chooseOutput(outputNamed(planned.output));
    }
    const injected = withDefaults(request, received, clientKey, planned);
    if (snapshot.requestHooks.length === 0) {
      complete(exchange, injected, planned, releaseBody);
      return;
    }
    waitWith(exchange, releaseBody);
    beforePlugins(snapshot.requestHooks, {
      requestId: exchange.requestId,
      clientKeyId: clientKey.id,
      protocol: protocol.id,
      operation: endpoint.operation,
      model: injected.model,
      body: injected.body.joined(),
    }).then(
      (changed) => {
        if (exchange.isClientGone || exchange.response.headersSent) return;
        try {
          const hooked = readRequest({ ...received, body: new ChunkedBytes([changed]) });
          complete(exchange, hooked, planned, releaseBody);
        } catch (cause) {
          releaseBody();
          exchange.fail(cause);
        }
      },
      (cause: unknown) => {
        releaseBody();
        exchange.fail(cause);
      },
    );
  };

  const withDefaults = (
    request: ClientRequest,
    received: Omit<ReceivedRequest, 'body'>,
    clientKey: ClientKey,
    planned: Route,
  ): ClientRequest => {
    if (!takesJson(received.endpoint)) return request;
    const { body } = request;
    const injected = inject(body, clientKey.defaultParameters, planned.defaultParameters);
    return injected === body ? request : readRequest({ ...received, body: injected });
  };

  /** Puts in what the request only names, and goes on. */
  const complete = (exchange: Exchange, request: ClientRequest, planned: Route, releaseBody: () => void): void => {
    const recalled = recall(exchange, request, planned.providers);
    if (!(recalled instanceof Promise)) {
      answer(exchange, recalled, releaseBody);
      return;
    }
    waitWith(exchange, releaseBody);
    let releaseAll = releaseBody;
    recalled
      .then((whole) => {
        if (exchange.isClientGone || exchange.response.headersSent) return;
        const added = whole.request.body.length - request.body.length;
        const { maxBufferedBytes } = exchange.snapshot.settings;
        releaseAll = holdMore(budget, { bytes: added, maxBufferedBytes, releaseBody });
        answer(exchange, whole, releaseAll);
      })
      .catch((cause: unknown) => {
        releaseAll();
        exchange.fail(cause);
      });
  };

  const answer = (exchange: Exchange, recalled: RecalledRequest, releaseBody: () => void): void => {
    const { kept } = exchange;
    if (exchange.isWarmUp) {
      releaseBody();
      exchange.running = undefined;
      warmUp(exchange, recalled);
      return;
    }
    if (kept?.isBackground !== true) {
      attempt(exchange, recalled, releaseBody);
      return;
    }
    const own = kept.isHere ? [] : keepersOf(exchange, recalled);
    if (own.length > 0) {
      attempt(exchange, { ...recalled, providers: own }, releaseBody);
      return;
    }
    const { isStream } = recalled.request;
    const { record } = background.start(exchange, kept, recalled, (inner, request) => {
      watch(inner);
      attempt(inner, request, releaseBody);
    });
    exchange.running = undefined;
    if (isStream) readAlong(exchange, record, background, -1);
    else sendJson(exchange, exchange.protocol.keeping?.renderAnswer(record.content ?? NO_CONTENT) ?? '');
  };

  /** The providers that work in the background themselves, when the first one of the plan does. */
  const keepersOf = (exchange: Exchange, { providers }: RecalledRequest): readonly PlannedProvider[] => {
    const keeps = ({ provider, protocol }: PlannedProvider): boolean =>
      provider.keepsAnswers === true &&
      !forgetful.has(provider) &&
      exchange.findProtocol(protocol)?.base === exchange.protocol.base;
    const [first] = providers;
    return first === undefined || !keeps(first) ? [] : providers.filter(keeps);
  };

  /** A client names an answer: it is read here, or asked of the service that keeps it. */
  const answerNamed = (
    exchange: Exchange,
    keeping: AnswerKeeping,
    store: ResponsesStore,
    body: ChunkedBytes,
    releaseBody: () => void,
  ): void => {
    waitWith(exchange, releaseBody);
    findKept(exchange, store)
      .then(async (record) => {
        if (exchange.isClientGone || exchange.response.headersSent) return;
        if (record.content === undefined) {
          forwardNamed(exchange, record, store, body, releaseBody);
          return;
        }
        releaseBody();
        exchange.running = undefined;
        await answerKept(exchange, record, { keeping, store, background });
      })
      .catch((cause: unknown) => {
        releaseBody();
        exchange.fail(cause);
      });
  };

  const forwardNamed = (
    exchange: Exchange,
    record: KeptResponse,
    store: ResponsesStore,
    body: ChunkedBytes,
    releaseBody: () => void,
  ): void => {
    const { match, snapshot, clientKey, protocol } = exchange;
    const { operation } = match.endpoint;
    const { providers } = route(snapshot.routing, {
      model: '',
      operation,
      protocol: protocol.id,
      pinnedProvider: record.providerId,
      clientKey,
    });
    exchange.pinnedCredential = record.credentialId;
    if (operation === 'response-delete') {
      exchange.onAnswered = () => {
        store.delete(record).catch((cause: unknown) => parts.log.warn({ err: cause }, 'a response was not forgotten'));
      };
    }
    const request = readRequest({ endpoint: match.endpoint, contentType: '', body, isModelLimited: false });
    attempt(exchange, { request, providers }, releaseBody);
  };

  const attempt = (exchange: Exchange, { request, providers }: RecalledRequest, releaseBody: () => void): void => {
    const run = new AttemptRun({ exchange, request, providers, pools, filterOf, releaseBody, budget, forgetful });
    exchange.running = run;
    run.start();
  };

  return plan;
}

/** While something is awaited there is nothing to end but the wait. */
function waitWith(exchange: Exchange, releaseBody: () => void): void {
  exchange.running = {
    abandon: releaseBody,
    endEarly: (error) => {
      releaseBody();
      exchange.fail(error);
    },
  };
}

function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
