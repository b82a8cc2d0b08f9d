import { CreateProducts1763600000000 } from './1763600000000-create-products.js';
import { CreateIdempotencyKeys1763600100000 } from './1763600100000-create-idempotency-keys.js';
import { CreateAlbums1763600200000 } from './1763600200000-create-albums.js';

/** Every migration, oldest first. A class, not a glob: the same list works compiled, under jest and in a bundle. */
export const migrations = [CreateProducts1763600000000, CreateIdempotencyKeys1763600100000, CreateAlbums1763600200000];
