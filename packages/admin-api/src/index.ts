export type * from './admin-api-ports.ts';
export { ADMIN_BASE_PATH, OPEN_API_PATH } from './admin-paths.ts';
export type { AdminMethod, AdminRoute } from './admin-route.ts';
export { type AdminApi, createAdminApi } from './create-admin-api.ts';
