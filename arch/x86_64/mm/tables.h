/*
 * tables.h -- what the files of this folder share.
 */
#ifndef MM_TABLES_H
#define MM_TABLES_H

/* page_table.c: empties the stores of tables and roots. */
void page_table_shrink(void);

#endif
