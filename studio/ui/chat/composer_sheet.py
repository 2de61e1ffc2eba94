"""The composer's style sheet."""

from __future__ import annotations

from studio.ui.theme import Theme


def sheet(theme: Theme) -> str:
    """How the composer and what lies on it look in a theme."""
    color = {name: theme.color(name).name() for name in ("raised", "line", "text", "text_muted", "warn", "accent")}
    return (
        f"#composer {{ background: {color['raised']}; border: 1px solid {color['line']};"
        f" border-radius: {theme.size('radius')}px; }}"
        f"#composer QPlainTextEdit {{ background: transparent; border: none; padding: 0; color: {color['text']}; }}"
        f"#composer QToolButton {{ border: none; background: transparent; color: {color['text_muted']};"
        f" padding: 4px 5px; border-radius: 4px; }}"
        f"#composer QToolButton:hover, #composer QToolButton:focus {{ color: {color['text']};"
        f" background: {theme.color('selected').name()}; }}"
        "#composer QToolButton::menu-indicator { image: none; width: 0; }"
        "#composer #composer_role, #composer #composer_model { margin-left: -3px; }"
        "#composer #for_task { margin-left: -5px; }"
        f"#composer #taking_over {{ color: {color['text']}; border: 1px solid {color['line']}; text-align: left; }}"
        f"#composer #estimate {{ color: {color['text_muted']}; font-size: {theme.size('font_small')}px; }}"
        f"#composer #estimate[warns=true] {{ color: {color['warn']}; }}"
        f"#composer_hint {{ color: {color['warn']}; }}"
    )
