"""The word lists of languages, by the lexer that asks for them."""

from __future__ import annotations

PYTHON = (
    "False None True and as assert async await break case class continue def del elif else except finally for from "
    "global if import in is lambda match nonlocal not or pass raise return try type while with yield"
)
PYTHON_BUILTINS = (
    "abs all any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict "
    "dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash help hex id input "
    "int isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print "
    "property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip"
)
C_FAMILY = (
    "alignas alignof asm auto bool break case catch char class concept const consteval constexpr constinit "
    "const_cast continue co_await co_return co_yield decltype default delete do double dynamic_cast else enum "
    "explicit export extern false final float for friend goto if inline int long mutable namespace new noexcept "
    "nullptr operator override private protected public register reinterpret_cast requires return short signed "
    "sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef typeid "
    "typename union unsigned using virtual void volatile wchar_t while"
)
SCRIPT = (
    "abstract any as async await boolean break case catch class const constructor continue debugger declare default "
    "delete do else enum export extends false finally for from function get if implements import in infer "
    "instanceof interface is keyof let module namespace never new null number of private protected public readonly "
    "return satisfies set static string super switch symbol this throw true try type typeof undefined unknown var "
    "void while with yield"
)
GO = (
    "any bool break byte case chan const continue default defer else error fallthrough false float32 float64 for "
    "func go goto if import int int16 int32 int64 int8 interface iota map nil package range return rune select "
    "string struct switch true type uint uint16 uint32 uint64 uint8 uintptr var"
)
JAVA = (
    "abstract assert boolean break byte case catch char class const continue default do double else enum extends "
    "false final finally float for goto if implements import instanceof int interface long native new null package "
    "permits private protected public record return sealed short static strictfp super switch synchronized this "
    "throw throws transient true try var void volatile while yield"
)
CSHARP = (
    "abstract as async await base bool break byte case catch char checked class const continue decimal default "
    "delegate do double dynamic else enum event explicit extern false finally fixed float for foreach get goto if "
    "implicit in init int interface internal is lock long namespace new null object operator out override params "
    "partial private protected public readonly record ref required return sbyte sealed set short sizeof stackalloc "
    "static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using var virtual "
    "void volatile when where while with yield"
)
KOTLIN = (
    "abstract actual annotation as break by catch class companion const constructor continue crossinline data do "
    "else enum expect external false final finally for fun get if import in infix init inline inner interface "
    "internal is lateinit lazy noinline null object open operator out override package private protected public "
    "reified return sealed set super suspend tailrec this throw true try typealias val var vararg when where while"
)
SWIFT = (
    "actor any as associatedtype async await break case catch class continue default defer deinit do else enum "
    "extension fallthrough false fileprivate final for func guard if import in init inout internal is lazy let "
    "mutating nil nonisolated open operator override private protocol public repeat required rethrows return self "
    "Self some static struct subscript super switch throw throws true try typealias var weak where while"
)
RUST = (
    "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move "
    "mut pub ref return self Self static struct super trait true type union unsafe use where while yield"
)
RUST_TYPES = (
    "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize Box Option Result String Vec Some "
    "None Ok Err"
)
RUBY = (
    "alias and begin break case class def defined? do else elsif end ensure false for if in module next nil not or "
    "redo rescue retry return self super then true undef unless until when while yield require attr_accessor "
    "attr_reader attr_writer private protected public"
)
LUA = "and break do else elseif end false for function goto if in local nil not or repeat return then true until while"
SHELL = (
    "alias break case cd continue declare do done echo elif else esac eval exec exit export false fi for function "
    "if in local printf read readonly return select set shift source test then time trap true type typeset ulimit "
    "umask unalias unset until wait while"
)
DOCKERFILE = (
    "ADD ARG AS CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER "
    "VOLUME WORKDIR"
)
MAKE = "define else endef endif export ifdef ifeq ifndef ifneq include override private undefine unexport vpath"
SQL = (
    "add all alter and any as asc autoincrement begin between bigint blob boolean by cascade case cast char check "
    "collate column commit conflict constraint create cross current_date current_time current_timestamp date "
    "decimal default delete desc distinct double drop else end escape except exists explain false fetch first float "
    "for foreign from full function grant group having if in index inner insert int integer intersect into is join "
    "json jsonb key language left like limit materialized natural not null numeric offset on or order outer over "
    "partition primary procedure real recursive references replace returning returns revoke right rollback row "
    "select set smallint table temp temporary text then time timestamp to transaction trigger true truncate union "
    "unique update using uuid values varchar view when where window with"
)
HTML = (
    "a abbr accept action address alt area article aside async audio autocomplete autofocus b base bdi bdo "
    "blockquote body br button canvas caption charset checked cite class code col colgroup cols colspan content "
    "contenteditable controls crossorigin data datetime dd defer del details dfn dialog dir disabled div dl doctype "
    "draggable dt em embed enctype fieldset figcaption figure footer for form h1 h2 h3 h4 h5 h6 head header height "
    "hidden href hr html http-equiv i id iframe img input ins integrity kbd label lang legend li link list loading "
    "main map mark max maxlength media meta meter method min minlength multiple name nav noscript novalidate object "
    "ol onclick open optgroup option output p pattern picture placeholder pre progress q readonly rel required role "
    "rows rowspan s samp script search section select selected size sizes slot small source span src srcset step "
    "strong style sub summary sup svg tabindex table target tbody td template textarea tfoot th thead time title tr "
    "track type u ul use value var video viewbox wbr width xmlns"
)
CSS = (
    "align-content align-items align-self animation background background-color background-image border "
    "border-bottom border-color border-left border-radius border-right border-top bottom box-shadow box-sizing "
    "clear color column-gap content cursor display fill filter flex flex-basis flex-direction flex-grow flex-shrink "
    "flex-wrap float font font-family font-size font-style font-weight gap grid grid-area grid-column grid-row "
    "grid-template-columns grid-template-rows height inset justify-content justify-items left letter-spacing "
    "line-height list-style margin margin-bottom margin-left margin-right margin-top max-height max-width "
    "min-height min-width object-fit opacity order outline overflow overflow-x overflow-y padding padding-bottom "
    "padding-left padding-right padding-top pointer-events position resize right row-gap stroke text-align "
    "text-decoration text-overflow text-transform top transform transition user-select vertical-align visibility "
    "white-space width word-break z-index"
)
CMAKE = (
    "add_compile_definitions add_compile_options add_custom_command add_custom_target add_executable add_library "
    "add_subdirectory add_test cmake_minimum_required configure_file else elseif enable_testing endforeach "
    "endfunction endif endmacro endwhile execute_process export file find_library find_package find_program foreach "
    "function get_target_property if include include_directories install link_directories list macro message option "
    "project return set set_property set_target_properties string target_compile_definitions "
    "target_compile_features target_compile_options target_include_directories target_link_libraries target_sources "
    "unset while"
)
POWERSHELL = (
    "begin break catch class continue data do dynamicparam else elseif end enum exit filter finally for foreach "
    "from function if in param process return switch throw trap try until using while"
)
HASKELL = (
    "case class data default deriving do else foreign if import in infix infixl infixr instance let module newtype "
    "of then type where"
)
R = "break else FALSE for function if in Inf NA NaN next NULL repeat return TRUE while"
LITERALS = "true false null yes no on off"
