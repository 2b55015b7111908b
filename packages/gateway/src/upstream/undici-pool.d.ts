/** The part of undici that the data plane uses; its index would load a `fetch`, caches and mocks beside it. */
declare module 'undici/lib/dispatcher/pool.js' {
  export { Pool as default } from 'undici';
}
