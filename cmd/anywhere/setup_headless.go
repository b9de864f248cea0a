package main

import (
	"context"
	"fmt"
	"strings"

	"anywhere/awsapi/policy"
	"anywhere/signer/home"
	"anywhere/steps"
)

// headless runs without asking anybody.
func (s *setupRun) headless(ctx context.Context) error {
	if err := s.runner.Headless(ctx, s.byDefault()); err != nil {
		return err
	}
	plan, err := s.runner.Plan(ctx)
	if err != nil {
		return err
	}
	if s.flags.plan {
		return s.printPlan(plan)
	}
	approval, err := s.approval(plan)
	if err != nil {
		return err
	}
	if !s.flags.json {
		printPlanText(s.app.stderr, plan)
	}
	return s.makeAndTell(ctx, plan, approval)
}

// byDefault says whether open questions take their default: with --yes, with
// --plan, and in the sandbox, where the defaults are answers enough.
func (s *setupRun) byDefault() bool {
	return s.flags.yes || s.flags.plan || s.runner.Env().Answered("where") && s.runner.Env().Get("where") == "sandbox"
}

// approval is what the flags say to a plan. Outside the sandbox --yes counts
// only for the account that is named.
func (s *setupRun) approval(plan steps.Plan) (steps.Approval, error) {
	approval := steps.Approval{Account: s.flags.account, Accept: s.flags.accept}
	if plan.Mode == home.ModeSandbox || len(plan.Changes) == 0 {
		return approval, nil
	}
	if !s.flags.yes {
		return approval, &usageError{"approve plan: nobody is there to say yes", fmt.Sprintf("look with --plan, then add --yes --account %s", plan.Account)}
	}
	if s.flags.account == "" {
		return approval, &usageError{fmt.Sprintf("approve plan: --yes writes to %s only when it is named", plan.Account), "add --account " + plan.Account}
	}
	return approval, nil
}

// makeAndTell makes all of a plan and prints how it went.
func (s *setupRun) makeAndTell(ctx context.Context, plan steps.Plan, approval steps.Approval) error {
	result, err := s.makeAll(ctx, plan, approval, s.printEvent)
	if err != nil {
		return err
	}
	if s.flags.json {
		return s.printResultJSON(result)
	}
	s.app.printResultText(result)
	return nil
}

// makeAll applies a plan, proves it and notes that it works.
func (s *setupRun) makeAll(ctx context.Context, plan steps.Plan, approval steps.Approval, show func(steps.Event)) (steps.Result, error) {
	if err := s.runner.Apply(ctx, plan, approval, show); err != nil {
		return steps.Result{}, err
	}
	evidence, err := s.runner.Verify(ctx, show)
	if err != nil {
		return steps.Result{}, err
	}
	result, err := s.runner.Result(plan, evidence)
	if err != nil {
		return result, err
	}
	e := s.runner.Env()
	if notes, err := e.World.Home.ReadNotes(e.Place()); err == nil && notes.Verdict.Verdict != "" && len(plan.Changes) == 0 {
		return result, nil // a run that changes nothing writes nothing
	}
	return result, e.World.Home.WriteNotes(e.Place(), home.Notes{Verdict: home.Verdict{Verdict: "healthy", At: s.app.now().UTC()}})
}

// printPolicy prints the least policy for a purpose, for the account and Region
// of the credentials in use, or with words in their place.
func (s *setupRun) printPolicy(ctx context.Context) error {
	purpose := policy.Purpose(s.flags.printPolicy)
	account, region, partition := "ACCOUNT", "REGION", "aws"
	if site, err := s.runner.Env().World.Open(ctx, "aws", s.runner.Env().Get("aws.profile")); err == nil {
		account, region, partition = site.Caller.Account, site.Region, site.Caller.Partition
	}
	doc, err := policy.Least(purpose, account, region, partition)
	if err != nil {
		var all []string
		for _, p := range policy.Purposes() {
			all = append(all, string(p))
		}
		return &usageError{fmt.Sprintf("--print-policy %q: must be one of %s", s.flags.printPolicy, strings.Join(all, ", ")), "anywhere setup --print-policy setup"}
	}
	_, err = fmt.Fprintln(s.app.stdout, doc.JSON())
	return err
}
