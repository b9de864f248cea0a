package sandbox

// What AWS says when Roles Anywhere refuses. Confirmed sentences were seen in
// answers of AWS by people who published them; the others stand for refusals that
// AWS documents and whose wording no public source shows.
const (
	// Confirmed, CreateSession, AccessDeniedException 403.
	saysUntrusted       = "Untrusted signing certificate"
	saysInsufficient    = "Untrusted certificate. Insufficient certificate"
	saysRevoked         = "Certificate revoked"
	saysBadSignature    = "Invalid signature"
	saysNoAnchor        = "Specified Trust Anchor wasn't found."
	saysNoProfile       = "Invalid or empty profile provided."
	saysRoleNotInList   = "Requested Role isn't one of those listed in the Profile."
	saysNoSessionName   = "Not authorized to set roleSessionName"
	saysCannotAssume    = "Unable to assume role for %s."
	saysTooLong         = saysCannotAssume + " The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
	saysUnmapped        = saysCannotAssume + " Some attributes failed to be mapped into session tags. Issuer: [ %s ]; Subject: [ %s ]; SAN: [ %s ]"
	saysBadConstraints  = "Incorrect basic constraints for CA certificate"
	saysBadCertificates = "Error creating TrustAnchor. Bad certificate data"
	saysPrivateCA       = "Error creating TrustAnchor. Given AWS PCA did not allow get request."

	// Unconfirmed: documented refusals in words of the sandbox's choice.
	saysAnchorDisabled  = "Trust anchor is disabled"
	saysProfileDisabled = "Profile is disabled"
	saysPacked          = saysCannotAssume + " Serialized policy and tags exceed the allowed size."
	saysBadAnchor       = "Error creating TrustAnchor. CA certificate is not acceptable: %s"
	saysManyCertificate = "Error creating TrustAnchor. A trust anchor can have at most %d certificates"
	saysManyAnchors     = "The account has reached its limit of %d trust anchors"
	saysManyProfiles    = "The account has reached its limit of %d profiles"
	saysManyCRLs        = "The trust anchor has reached its limit of %d CRLs"
	saysBadCRL          = "Bad CRL data"
	saysForeignCRL      = "The CRL is not signed by the certificate of the trust anchor"
	saysBadPolicy       = "Invalid session policy: %s"
	saysForeignRole     = "Cross-account pass role is not allowed."
	saysBadSource       = "The source of a trust anchor needs sourceType and the matching sourceData"
)

// The quotas of Roles Anywhere.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html
const (
	maxAnchors      = 50
	maxProfiles     = 250
	maxCertificates = 2
	maxCRLs         = 2
)
