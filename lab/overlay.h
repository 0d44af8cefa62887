/*
 * Disks that hold only what differs from an image.
 */
#ifndef LAB_OVERLAY_H
#define LAB_OVERLAY_H

/* Makes @file an empty qcow2 overlay over the raw @image, whatever it was before. */
int overlay_create(const char *image, const char *file);

#endif
