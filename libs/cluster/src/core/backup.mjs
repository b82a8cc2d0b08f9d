/**
 * Age in seconds from which the second copy of the backup counts as old. It is brought up to date every ten seconds, but a base backup takes a
 * while to copy. The alert BackupCopyTooOld has the same bound.
 */
export const oldCopySeconds = 600;
