import { render } from 'preact';
import { ConsolePage } from './console.page.js';
import { takeToken } from './state/api.client.js';
import { start } from './state/console.state.js';
import './styles/colours.css';
import './styles/page.css';
import './styles/topology.css';
import './styles/panels.css';

takeToken();
// Somebody may paste the address of a console that was started again into the same tab.
addEventListener('hashchange', takeToken);
start();

const place = document.getElementById('console');
if (place === null) throw new Error('index.html has no #console.');
render(<ConsolePage />, place);
