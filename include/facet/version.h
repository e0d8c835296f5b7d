/*
 * version.h -- what uname(2) tells: as the release that of the Linux whose interface is offered, as
 * the version which of the many kernels of this tree it is.
 */
#ifndef FACET_VERSION_H
#define FACET_VERSION_H

#define FACET_RELEASE "6.1.0-facet"
#define FACET_RELEASE_26 "2.6.61-facet"           /* under personality(2)'s UNAME26 */
#define FACET_VERSION_FORMAT "#1 Facet config=%s" /* config_hash */

#endif
