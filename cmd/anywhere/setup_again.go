package main

import (
	"fmt"

	"anywhere/steps"
)

// sayAgain tells somebody who left before anything was written how to come back
// without typing it all once more.
func (s *setupRun) sayAgain() {
	args := s.runner.Again()
	if args == nil {
		return
	}
	for _, flag := range []struct{ name, value string }{{"--endpoint", s.flags.endpoint}, {"--region", s.flags.region}} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	if s.flags.allowHTTP {
		args = append(args, "--allow-http")
	}
	fmt.Fprintf(s.app.stderr, "Nothing was written. The same answers again:\n\n  %s\n\n", steps.Command{Args: args}.Line())
}
