module github.com/merlon-security/merlon/bench/versions

go 1.26.3

require (
	github.com/google/osv-scalibr v0.5.3
	github.com/merlon-security/merlon v0.0.0
)

require github.com/pandatix/go-cvss v0.6.4 // indirect

replace github.com/merlon-security/merlon => ../..
