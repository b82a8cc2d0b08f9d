import { z } from 'zod';
import { nameSchema } from '../problem-details/request.schema.js';

const maxSongs = 100;
const secondsPerDay = 86_400;

/** A song as a client sends it; its position is its place in the list. A duration that is left out is stored as null. */
export const songSchema = z.strictObject({
  title: nameSchema,
  durationSeconds: z.number().int().min(1).max(secondsPerDay).nullable().default(null),
});

/** Body of an album as a client sends it; unknown members are refused. An artist that is left out is stored as null. */
export const albumSchema = z.strictObject({
  title: nameSchema,
  artist: nameSchema.nullable().default(null),
  songs: z.array(songSchema).max(maxSongs).default([]),
});

/** Validated body of a create or a replacement. */
export type AlbumInput = z.output<typeof albumSchema>;
