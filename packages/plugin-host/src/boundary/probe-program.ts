/**
 * Tries what a plugin must not be able to do, and prints what it could as JSON. It is started as a plugin is, so it is plain
 * JavaScript of its own file. Arguments: a file outside its folder, a port of the host on loopback, the host's process id.
 */
export const PROBE_PROGRAM = `
import { readFileSync, writeFileSync } from 'node:fs';
const [outside, port, hostId] = process.argv.slice(2);
const tries = {
  files: () => readFileSync(outside).length > 0,
  links: () => readFileSync(new URL('./link-out', import.meta.url)).length > 0,
  writes: () => (writeFileSync(outside + '.written', 'x'), true),
  network: async () => {
    const { connect } = await import('node:net');
    return await new Promise((done, fail) => {
      const socket = connect({ host: '127.0.0.1', port: Number(port) }, () => { socket.destroy(); done(true); });
      socket.on('error', fail);
    });
  },
  processes: async () => {
    const { spawnSync } = await import('node:child_process');
    return spawnSync('/bin/true').status === 0;
  },
  signals: () => process.kill(Number(hostId), 0),
  sqlite: async () => {
    const { DatabaseSync } = await import('node:sqlite');
    new DatabaseSync(outside + '.db').exec('create table t (a)');
    return true;
  },
  environment: () => readFileSync('/proc/' + hostId + '/environ').length > 0,
};
const could = {};
for (const [name, attempt] of Object.entries(tries)) {
  try { could[name] = (await attempt()) === true; } catch { could[name] = false; }
}
process.stdout.write(JSON.stringify(could));
`;
