package signing

import (
	"context"
	"errors"
	"io"
)

// credentialProcess prints one session as the JSON of a credential_process and
// nothing else.
func credentialProcess(ctx context.Context, w World, args []string) error {
	var o options
	flags := o.flags()
	if err := parse(args, flags); errors.Is(err, errHelp) {
		io.WriteString(w.Stdout, describe(w.Program, "credential-process", flags))
		return nil
	} else if err != nil {
		return err
	}
	var seen request
	credentials, err := asker{o, w, &seen}.next(ctx)
	if err == nil {
		_, err = w.Stdout.Write(credentials.ProcessJSON())
	}
	seen.leaveRenewal(w)
	return err
}
