import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AdminApi, AdminApiPorts } from '@proxycast/admin-api';

export type AdminListener = (request: IncomingMessage, response: ServerResponse) => void;

export interface LazyAdmin {
  readonly listener: AdminListener;
  load(): Promise<AdminApi>;
}

/** The admin API is loaded by the first request for it: a gateway that nobody administers does not pay for its framework. */
export function createLazyAdmin(ports: AdminApiPorts): LazyAdmin {
  let loading: Promise<AdminApi> | undefined;
  const load = (): Promise<AdminApi> => {
    loading ??= import('@proxycast/admin-api').then(({ createAdminApi }) => createAdminApi(ports));
    return loading;
  };
  return {
    load,
    listener(request, response) {
      load().then(
        (api) => api.handle(request, response),
        (cause: unknown) => {
          ports.log.error({ err: cause }, 'the admin API could not be loaded');
          response.writeHead(500, { 'content-type': 'application/json' });
          response.end(
            '{"error":{"code":"internal_error","message":"The admin API could not be loaded. The log has the reason."}}',
          );
        },
      );
    },
  };
}
