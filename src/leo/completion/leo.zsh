#compdef leo
# zsh completion of leo. What can be typed next is asked of leo itself.
local line
local -a candidates

for line in "${(@f)$("${words[1]}" --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
	case $line in
	:dirs)
		_files -/
		return
		;;
	?*)
		# A colon separates a word from what it means.
		candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
		;;
	esac
done
_describe leo candidates
