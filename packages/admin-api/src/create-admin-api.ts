import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { GatewayError, InvalidRequestError, ProxyCastError } from '@proxycast/spec';
import { type Context, Hono } from 'hono';
import type { AdminApiPorts } from './admin-api-ports.ts';
import type { AdminRoute } from './admin-route.ts';
import { createAdminRoutes } from './admin-routes.ts';
import { authenticate, type Identity } from './authenticate.ts';
import { checkHost } from './check-host.ts';
import { checkOrigin } from './check-origin.ts';
import { createFailureThrottle } from './failure-throttle.ts';
import { isStateChanging } from './is-state-changing.ts';
import { notFound } from './not-found.ts';
import { readJsonBody } from './read-json-body.ts';
import { renderAnswer } from './render-answer.ts';
import { renderProblem } from './render-problem.ts';
import { statusOfError } from './status-of-error.ts';
import { toProxyCastError } from './to-proxycast-error.ts';

export interface AdminApi {
  /** Answers any request whose path begins with `/api/admin/`. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  readonly routes: readonly AdminRoute[];
}

type AdminContext = Context<{ Bindings: HttpBindings }>;

// Ten tries for a person who mistypes, then one every six seconds.
const LOGIN_LIMITS = { perAddress: { burst: 10, refillMs: 6_000 }, overall: { burst: 60, refillMs: 1_000 } } as const;
// A program with a wrong token sends it with every request; it gets a clear 401 for a while before it has to wait.
const BEARER_LIMITS = { perAddress: { burst: 120, refillMs: 1_000 }, overall: { burst: 600, refillMs: 100 } } as const;

export function createAdminApi(ports: AdminApiPorts): AdminApi {
  const now = () => ports.now();
  const routes = createAdminRoutes(ports, createFailureThrottle({ ...LOGIN_LIMITS, now }));
  const bearerThrottle = createFailureThrottle({ ...BEARER_LIMITS, now });

  function identify(request: IncomingMessage): Identity {
    return authenticate(request, {
      sessions: ports.sessions,
      adminTokenHashes: () => ports.adminTokenHashes(),
      throttle: bearerThrottle,
    });
  }

  async function run(route: AdminRoute, context: AdminContext): Promise<Response> {
    const { incoming } = context.env;
    const identity = route.auth === 'none' ? undefined : identify(incoming);
    const headers: Record<string, string> = {};
    const body = await runAndApply(route, {
      incoming,
      identity,
      params: context.req.param(),
      query: readQuery(context),
      body: route.hasBody ? await readJsonBody(incoming) : {},
      setHeader(name, value) {
        headers[name] = value;
      },
    });
    if (isStateChanging(route.method)) {
      ports.log.info(
        { operation: route.operationId, path: context.req.path, by: identity?.type ?? 'login' },
        'The admin API has changed something.',
      );
    }
    return renderAnswer(route.answer.status, body, headers);
  }

  async function runAndApply(route: AdminRoute, request: Parameters<AdminRoute['run']>[0]): Promise<unknown> {
    if (!route.changesConfig) return route.run(request);
    let answer: unknown;
    try {
      answer = await route.run(request);
    } catch (thrown) {
      // A write that failed half-way may have stored something. What went wrong first is what the client reads.
      if (toProxyCastError(thrown).fault !== 'client') {
        await applyConfig().catch((err: unknown) => ports.log.error({ err }, 'The configuration was not applied.'));
      }
      throw thrown;
    }
    await applyConfig();
    return answer;
  }

  async function applyConfig(): Promise<void> {
    try {
      await ports.onConfigChanged();
    } catch (cause) {
      throw new GatewayError({
        code: 'config_not_applied',
        kind: 'internal',
        message: 'The change is stored, but the gateway still works with what it had before. Its log has the reason.',
        cause,
      });
    }
  }

  function renderFailure(thrown: unknown, request: IncomingMessage | undefined): Response {
    const error = toProxyCastError(thrown);
    if (statusOfError(error) === 500) {
      ports.log.error({ err: error, method: request?.method }, 'The admin API failed.');
    } else if (error.kind === 'authentication' || error.kind === 'permission' || error.kind === 'rate-limited') {
      ports.log.warn(
        { code: error.code, method: request?.method, address: request?.socket.remoteAddress },
        'The admin API refused a request.',
      );
    }
    return renderProblem(error);
  }

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (context, next) => {
    checkHost(context.env.incoming, ports.allowedHosts());
    checkOrigin(context.env.incoming);
    await next();
  });
  for (const route of routes) {
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) => run(route, context));
  }
  app.notFound((context) => {
    identify(context.env.incoming);
    const allowed = routes.filter((route) => isPathOf(route, context.req.path)).map(({ method }) => method);
    if (allowed.length === 0) throw notFound('path in the admin API; GET /api/admin/openapi.json lists them');
    return renderProblem(
      new ProxyCastError({
        code: 'method_not_allowed',
        kind: 'method-not-allowed',
        fault: 'client',
        message: `This path takes ${allowed.join(', ')}.`,
      }),
      { allow: allowed.join(', ') },
    );
  });
  app.onError((thrown, context) => renderFailure(thrown, context.env.incoming));

  const listener = getRequestListener(app.fetch, {
    // The data plane shares this process, and keeps the runtime's own Request and Response.
    overrideGlobalObjects: false,
    // Reached when host and path make no URL.
    errorHandler: () =>
      renderFailure(new InvalidRequestError({ code: 'invalid_url', message: 'The address is not a URL.' }), undefined),
  });
  return {
    handle: (request, response) => void listener(request, response),
    routes,
  };
}

function readQuery(context: AdminContext): Readonly<Record<string, string>> {
  const query: Record<string, string> = {};
  for (const [name, values] of Object.entries(context.req.queries())) {
    const [value, another] = values;
    if (value === undefined || value === '' || another !== undefined) {
      throw new InvalidRequestError({ message: `${name.slice(0, 100)}: Send one value.`, field: name.slice(0, 100) });
    }
    query[name] = value;
  }
  return query;
}

function isPathOf(route: AdminRoute, path: string): boolean {
  const expected = route.path.split('/');
  const actual = path.split('/');
  return (
    expected.length === actual.length && expected.every((part, index) => part.startsWith('{') || part === actual[index])
  );
}
