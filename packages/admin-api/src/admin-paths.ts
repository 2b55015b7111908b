export const ADMIN_BASE_PATH = '/api/admin/v1';
export const OPEN_API_PATH = '/api/admin/openapi.json';
