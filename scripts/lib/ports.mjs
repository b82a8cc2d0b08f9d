// ports.mjs NAME=PORT…: prints those of the lab's ports that another program holds.
import { once } from 'node:events';
import { createServer } from 'node:net';

async function isFree(port) {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (error.code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    server.close();
  }
}

for (const setting of process.argv.slice(2)) {
  if (!(await isFree(Number(setting.split('=')[1])))) console.log(setting);
}
