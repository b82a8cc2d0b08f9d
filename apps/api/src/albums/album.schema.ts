import { z } from 'zod';
import { nameSchema } from '../problem-details/request.schema.js';

const maxSongs = 100;
const secondsPerDay = 86_400;

/** A song as a client sends it; its position is its place in the list. */
export const songSchema = z.strictObject({
  title: nameSchema,
  durationSeconds: z.number().int().min(1).max(secondsPerDay),
});

/** What a client says of an album; unknown members are refused. */
export const albumSchema = z.strictObject({
  title: nameSchema,
  artist: nameSchema,
  songs: z.array(songSchema).max(maxSongs).default([]),
});

/** Validated body of a create or a replacement. */
export type AlbumInput = z.output<typeof albumSchema>;
