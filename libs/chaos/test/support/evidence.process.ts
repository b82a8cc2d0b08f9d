import { saveEvidence } from '../../../cluster/src/evidence.js';
import { openLab } from './settings.js';

/** `evidence.process.ts FOLDER` saves there what may explain why a test has failed. */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('say in which folder the evidence is to be saved');
await saveEvidence(openLab(), folder);
