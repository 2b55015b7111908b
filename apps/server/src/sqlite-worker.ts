import '@proxycast/storage/sqlite-worker';
