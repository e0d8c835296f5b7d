/*
 * Whom a program runs as: set-user-ID and set-group-ID files, and the saved ids.
 *
 * Of a script and its interpreter only the program that runs in the end counts: a script could be
 * another file by the time its interpreter opens it. What is kept is the change, not the ids: a
 * second thread may still give rights up while the program is built.
 * Source: execve(2), credentials(7), capabilities(7).
 */
#include <facet/capability.h>
#include <facet/file.h>
#include <facet/process.h>

#include "exec_private.h"

void identity_prepare(struct exec_image *image)
{
	bool ignored = current_thread()->attributes.no_new_privileges;

	image->no_new_privileges = ignored;
	image->sets_uid = !ignored && file_sets_uid(image->file, &image->euid);
	image->sets_gid = !ignored && file_sets_gid(image->file, &image->egid);
	image->secret = !file_may_be_read(image->file);
}

/* Whether the process acts for whoever started it. */
static bool is_trusted(const struct credentials *credentials)
{
	return credentials->uid == credentials->euid && credentials->gid == credentials->egid;
}

void identity_commit(struct process *process, const struct exec_image *image)
{
	struct credentials *credentials = &process->credentials;
	bool trusted = is_trusted(credentials);

	if (image->sets_uid)
		credentials->euid = image->euid;
	if (image->sets_gid)
		credentials->egid = image->egid;
	credentials->suid = credentials->fsuid = credentials->euid;
	credentials->sgid = credentials->fsgid = credentials->egid;
	trusted &= !capabilities_exec(credentials, image->no_new_privileges);
	if (!is_trusted(credentials))
		process_forget_trust(process);
	process->dumpable = trusted && is_trusted(credentials) && !image->secret;
}
