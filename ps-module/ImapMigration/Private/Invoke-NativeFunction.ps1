function Invoke-NativeFunction {
    # One call of the library, by the function's name without its prefix. The request's bytes are cleared, as they may hold secrets.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [type] $Native,
        [Parameter(Mandatory)] [uint64] $Engine,
        [Parameter(Mandatory)] [string] $Function,
        [Parameter(Mandatory)] [Collections.IDictionary] $Request
    )

    $method = "imapmig_$Function"
    $bytes = ConvertTo-RequestByte $Request
    try {
        $reply = $Native::$method($Engine, $bytes, $bytes.Length)
    } finally {
        [Array]::Clear($bytes, 0, $bytes.Length)
    }
    Read-Reply $Native $reply
}
