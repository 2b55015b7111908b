import type { AdminApiPorts } from './admin-api-ports.ts';
import type { AdminRoute } from './admin-route.ts';
import type { FailureThrottle } from './failure-throttle.ts';
import { createApiKeyRoutes } from './routes/api-key-routes.ts';
import { createClientKeyRoutes } from './routes/client-key-routes.ts';
import { createOpenApiRoute } from './routes/open-api-route.ts';
import { createPluginRoutes } from './routes/plugin-routes.ts';
import { createProviderRoutes } from './routes/provider-routes.ts';
import { createRequestRoutes } from './routes/request-routes.ts';
import { createRouteRoutes } from './routes/route-routes.ts';
import { createSessionRoutes } from './routes/session-routes.ts';
import { createSettingRoutes } from './routes/setting-routes.ts';
import { createUpkeepRoutes } from './routes/upkeep-routes.ts';

/** Every route of the admin API. What is not here does not answer. */
export function createAdminRoutes(ports: AdminApiPorts, loginThrottle: FailureThrottle): readonly AdminRoute[] {
  const routes: AdminRoute[] = [
    ...createSessionRoutes({
      sessions: ports.sessions,
      adminTokenHashes: () => ports.adminTokenHashes(),
      now: () => ports.now(),
      throttle: loginThrottle,
    }),
    ...createClientKeyRoutes(ports),
    ...createProviderRoutes(ports),
    ...createApiKeyRoutes(ports),
    ...createRouteRoutes(ports),
    ...createSettingRoutes(ports),
    ...createRequestRoutes(ports),
    ...createUpkeepRoutes(ports),
    ...createPluginRoutes(ports),
    createOpenApiRoute(() => routes, ports.version),
  ];
  return routes;
}
