/*
 * version.h -- the release, as uname(2) tells it: that of the Linux whose interface is offered.
 */
#ifndef FACET_VERSION_H
#define FACET_VERSION_H

#define FACET_RELEASE "6.1.0-facet"
#define FACET_VERSION "#1 Facet"

#endif
