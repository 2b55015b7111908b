/** Holds whoever waits at it until a test lets them through: order without sleeping. */
export interface Gate {
  /** Passes at once when a permit or an open gate is there, else when one comes. */
  wait(): Promise<void>;
  /** Lets `count` waiters through, the longest waiting first; permits left over wait for those who come. */
  release(count?: number): void;
  /** Lets everyone through from now on. */
  open(): void;
  /** Settles when, all in all, `count` have come to the gate. */
  arrived(count: number): Promise<void>;
  readonly waiting: number;
}

export function createGate(): Gate {
  const waiters: (() => void)[] = [];
  const arrivals: { readonly count: number; readonly resolve: () => void }[] = [];
  let permits = 0;
  let isOpen = false;
  let arrivedSoFar = 0;

  return {
    wait() {
      arrivedSoFar += 1;
      for (const arrival of arrivals.splice(0)) {
        if (arrival.count <= arrivedSoFar) arrival.resolve();
        else arrivals.push(arrival);
      }
      if (isOpen) return Promise.resolve();
      if (permits > 0) {
        permits -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiters.push(resolve));
    },
    release(count = 1) {
      permits += count;
      for (let waiter = waiters[0]; waiter !== undefined && permits > 0; waiter = waiters[0]) {
        waiters.shift();
        permits -= 1;
        waiter();
      }
    },
    open() {
      isOpen = true;
      for (const waiter of waiters.splice(0)) waiter();
    },
    arrived(count) {
      if (arrivedSoFar >= count) return Promise.resolve();
      return new Promise((resolve) => arrivals.push({ count, resolve }));
    },
    get waiting() {
      return waiters.length;
    },
  };
}
