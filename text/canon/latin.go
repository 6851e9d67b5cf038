package canon

// latin returns the ASCII letter that r is easily taken for, 0 if there is none:
// letters of Cyrillic, Greek, Armenian, Cherokee and others with the same shape in
// common fonts (a selection of confusables.txt of UTS #39). What NFKC maps, such as
// full-width and mathematical letters, is not here.
func latin(r rune) byte {
	switch r {
	case 'а', 'α', 'ɑ', '⍺':
		return 'a'
	case 'Ь', 'Ƅ':
		return 'b'
	case 'с', 'ϲ', 'ᴄ', 'ⅽ':
		return 'c'
	case 'ԁ', 'ɗ', 'Ꮷ':
		return 'd'
	case 'е', 'ҽ', '℮':
		return 'e'
	case 'ք', 'ẝ':
		return 'f'
	case 'ɡ', 'ց':
		return 'g'
	case 'һ', 'հ', 'Ꮒ':
		return 'h'
	case 'і', 'ı', 'ɩ', 'ι', 'Ꭵ', 'ӏ':
		return 'i'
	case 'ј', 'ϳ':
		return 'j'
	case 'κ', 'к', 'ᴋ':
		return 'k'
	case 'ⅼ', 'ا':
		return 'l'
	case 'ո', 'п', 'η':
		return 'n'
	case 'о', 'ο', 'օ', 'σ', 'ഠ', 'ᴏ':
		return 'o'
	case 'р', 'ρ':
		return 'p'
	case 'ԛ', 'գ', 'զ':
		return 'q'
	case 'г', 'ᴦ', 'ꭇ':
		return 'r'
	case 'ѕ', 'ꜱ':
		return 's'
	case 'т', 'τ', 'ᴛ':
		return 't'
	case 'υ', 'ս', 'ᴜ', 'ʋ':
		return 'u'
	case 'ν', 'ѵ', 'ᴠ':
		return 'v'
	case 'ԝ', 'ա', 'ѡ', 'ᴡ':
		return 'w'
	case 'х', 'χ':
		return 'x'
	case 'у', 'γ', 'ү', 'ყ':
		return 'y'
	case 'ᴢ', 'ꮓ':
		return 'z'
	case 'А', 'Α', 'Ꭺ':
		return 'A'
	case 'В', 'Β', 'Ᏼ':
		return 'B'
	case 'С', 'Ϲ', 'Ꮯ':
		return 'C'
	case 'Ꭰ':
		return 'D'
	case 'Е', 'Ε', 'Ꭼ':
		return 'E'
	case 'Ϝ':
		return 'F'
	case 'Ԍ', 'Ꮐ':
		return 'G'
	case 'Н', 'Η', 'Ꮋ':
		return 'H'
	case 'І', 'Ι', 'Ӏ':
		return 'I'
	case 'Ј', 'Ꭻ':
		return 'J'
	case 'К', 'Κ', 'Ꮶ':
		return 'K'
	case 'Ꮮ':
		return 'L'
	case 'М', 'Μ', 'Ꮇ':
		return 'M'
	case 'Ν':
		return 'N'
	case 'О', 'Ο', 'Օ':
		return 'O'
	case 'Р', 'Ρ', 'Ꮲ':
		return 'P'
	case 'Ԛ':
		return 'Q'
	case 'Ꭱ', 'Ꮢ':
		return 'R'
	case 'Ѕ', 'Տ', 'Ꮪ':
		return 'S'
	case 'Т', 'Τ', 'Ꭲ':
		return 'T'
	case 'Ս':
		return 'U'
	case 'Ѵ', 'Ꮩ':
		return 'V'
	case 'Ԝ', 'Ꮃ':
		return 'W'
	case 'Х', 'Χ':
		return 'X'
	case 'Υ', 'Ү', 'У':
		return 'Y'
	case 'Ζ', 'Ꮓ':
		return 'Z'
	case '‐', '‑', '‒', '–', '—', '−':
		return '-'
	case '‘', '’', '′':
		return '\''
	case '“', '”', '″':
		return '"'
	}
	return 0
}
