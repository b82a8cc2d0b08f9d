// Changes the cluster through Patroni's REST API.

/** What Patroni asks for before it changes anything, where `scripts/lab secure` is on. */
function credentials() {
  const { PATRONI_PASSWORD: password } = process.env;
  return password ? { authorization: `Basic ${Buffer.from(`patroni:${password}`).toString('base64')}` } : {};
}

const configTimeoutMs = 2_000;
const switchoverTimeoutMs = 60_000;

/**
 * Hands leadership over in order; resolves when Patroni says that it is done.
 *
 * @param {string} url Of the REST API of any member.
 * @param {string} leader
 * @param {string} [candidate] By default Patroni chooses a standby.
 * @throws {Error} with Patroni's own words, when it refuses or fails
 */
export async function switchOver(url, leader, candidate) {
  const response = await fetch(`${url}/switchover`, {
    method: 'POST',
    headers: credentials(),
    body: JSON.stringify({ leader, candidate }),
    signal: AbortSignal.timeout(switchoverTimeoutMs),
  });
  if (!response.ok) throw new Error(`switchover: ${response.status} ${await response.text()}`);
}

/**
 * Changes the live configuration of the whole cluster; `null` removes a setting.
 *
 * @param {string} url Of the REST API of any member.
 * @param {object} change
 * @throws {Error} with Patroni's own words, when it refuses
 */
export async function configure(url, change) {
  const response = await fetch(`${url}/config`, {
    method: 'PATCH',
    headers: credentials(),
    body: JSON.stringify(change),
    signal: AbortSignal.timeout(configTimeoutMs),
  });
  if (!response.ok) throw new Error(`PATCH /config: ${response.status} ${await response.text()}`);
}
