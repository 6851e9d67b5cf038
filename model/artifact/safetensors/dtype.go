package safetensors

// width gives the bits of one element of a dtype, 0 for an unknown one. F4 and
// the F6 kinds are packed: a tensor of them must fill whole bytes. I4 and U4 are
// not in the reference reader; some quantisers write them.
func width(dtype []byte) uint64 {
	switch string(dtype) {
	case "F4", "I4", "U4":
		return 4
	case "F6_E2M3", "F6_E3M2":
		return 6
	case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ":
		return 8
	case "I16", "U16", "F16", "BF16":
		return 16
	case "I32", "U32", "F32":
		return 32
	case "I64", "U64", "F64", "C64":
		return 64
	case "C128":
		return 128
	}
	return 0
}
