// A disk whose power can be cut: a VFS in memory that keeps, for every file,
// what was synced and every write since. When the power goes, each sector of
// those writes is on the disk, or not, or half of it, in any order, as real
// disks do between two syncs; whatever was synced is there.
//
// One process, one connection at a time. New files and deletions are as
// durable as Linux makes them: a journal's name with its first sync, a
// deletion when the folder is synced, else by chance.
#ifndef DBC_CAMPAIGN_DISK_H
#define DBC_CAMPAIGN_DISK_H

#include <stdint.h>

// For dbc_open_options.vfs.
#define DISK_VFS "disk"

// Registers the VFS with an empty disk. `seed` must not be 0. Exits the
// program when memory is out, here and everywhere.
void disk_install(uint64_t seed);

// Cuts the power behind `calls` more writes, syncs, truncations or deletions;
// below 0: not at all.
// From then on every call fails, until the next disk_restore().
void disk_cut_after(long calls);

// Whether the power is gone.
int disk_is_dead(void);

// Decides what the disk holds now, and switches it on again. Nothing may be
// open.
void disk_restore(void);

// Switches it on again with all that was written before, though not yet synced:
// as if the process had been killed where the power went. Nothing may be open.
void disk_resume(void);

// Everything that was written is there: an orderly end.
void disk_settle(void);

// Removes all files.
void disk_erase(void);

// Sectors that were lost, torn or put in another order since it was installed.
long disk_damage(void);

// A number below `limit`, from the same row of numbers.
uint64_t disk_random(uint64_t limit);

#endif
