/**
 * What the server says, as one tagged state that views watch: loading, failed, empty or ready. Reading again keeps what
 * is shown until the new answer is there.
 */
export function createQuery(load, isEmpty = () => false) {
  const watchers = [];
  let state = { type: 'loading' };
  let latest = 0;

  function enter(next) {
    state = next;
    for (const watcher of watchers) watcher(state);
  }

  return {
    watch(watcher) {
      watchers.push(watcher);
      watcher(state);
    },
    async reload() {
      latest += 1;
      const mine = latest;
      if (state.type === 'failed') enter({ type: 'loading' });
      const next = await load().then(
        (data) => ({ type: isEmpty(data) ? 'empty' : 'ready', data }),
        (error) => ({ type: 'failed', error }),
      );
      // An older answer that comes late must not replace a newer one.
      if (mine === latest) enter(next);
    },
  };
}
