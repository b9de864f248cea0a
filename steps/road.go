package steps

// The IDs of the steps. They stand in journals, so they never change.
const (
	StepLook        ID = "look"
	StepCA          ID = "ca"
	StepCertificate ID = "certificate"
	StepAnchor      ID = "trust-anchor"
	StepRole        ID = "role"
	StepPermissions ID = "permissions"
	StepProfile     ID = "rolesanywhere-profile"
	StepOpen        ID = "open"
	StepSession     ID = "session"
	StepBinary      ID = "binary"
	StepConfig      ID = "aws-config"
	StepProof       ID = "proof"
)

// Road is the whole way, in order. A trust anchor and a Roles Anywhere profile
// are made disabled and opened last, so that a run which is killed has opened
// nothing.
func Road() []Step {
	return []Step{
		look, authority, certificate, trustAnchor, role, permissions, profile,
		open, session, binary, awsConfig, proof,
	}
}

// TeardownOrder is the order in which the road is walked back: closed first,
// then AWS from the outside in, then this machine.
var TeardownOrder = []ID{
	StepOpen, StepProfile, StepAnchor, StepPermissions, StepRole,
	StepConfig, StepSession, StepCertificate, StepCA, StepBinary,
}
