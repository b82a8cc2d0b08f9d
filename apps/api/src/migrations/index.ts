import { CreateProducts1763600000000 } from './1763600000000-create-products.js';
import { CreateIdempotencyKeys1763600100000 } from './1763600100000-create-idempotency-keys.js';
import { CreateAlbums1763600200000 } from './1763600200000-create-albums.js';
import { CreateCustomersAndOrders1763600300000 } from './1763600300000-create-customers-and-orders.js';
import { MakeAlbumDetailsOptional1763600400000 } from './1763600400000-make-album-details-optional.js';

/** Every migration, oldest first. A class, not a glob: the same list works compiled, under jest and in a bundle. */
export const migrations = [
  CreateProducts1763600000000,
  CreateIdempotencyKeys1763600100000,
  CreateAlbums1763600200000,
  CreateCustomersAndOrders1763600300000,
  MakeAlbumDetailsOptional1763600400000,
];
