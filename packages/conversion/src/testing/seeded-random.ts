/** Numbers from 0 up to 1, the same for the same seed (a linear congruence with its low bits left out). */
export function createRandom(seed: number): () => number {
  let state = BigInt.asUintN(64, BigInt(seed) + 1n);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 32n) / 2 ** 32;
  };
}
